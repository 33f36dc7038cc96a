import type { Random } from './id.ts'

const ADJECTIVES =
  'able agile amber ample apt aqua artful avid bold brave breezy bright brisk bronze busy calm candid cheery civil clear clever cobalt copper coral cosy crisp curious daring deft eager early earnest easy elegant fair fancy fearless fine firm fleet fond frank free fresh gentle gifted glad gleaming golden grand green handy happy hardy hearty helpful honest humble ideal ivory jade jolly jovial keen kind lively loyal lucid lucky lunar mellow merry mighty mild modest neat nimble noble olive open patient plucky polite proud quick quiet rapid ready regal robust rosy royal ruby sage sandy savvy scarlet serene sharp shiny silent silver sleek smart smooth snug solar solid spry steady still sturdy subtle sunny swift tidy tranquil true trusty upbeat vast velvet vivid warm wise witty zesty'.split(
    ' ',
  )

const ANIMALS =
  'albatross alpaca ant antelope badger bat bear beaver bee beetle bison boar bobcat buffalo bunting camel canary caribou cat cheetah chinchilla chough civet clam cobra condor coot crab crane cricket crow curlew deer dingo dolphin donkey dove dragonfly duck eagle egret eland elk emu falcon ferret finch firefly fox frog gannet gazelle gecko gerbil gibbon giraffe goat goose grouse guppy gull hamster hare hawk hedgehog heron horse hummingbird ibex ibis iguana impala jackal jackdaw jaguar jay kestrel kingfisher kite kiwi koala kudu lapwing lark lemming lemur leopard linnet lion lizard llama lobster loon lynx macaw magpie mallard manatee marmot marten meerkat mink mole mongoose moose moth mouse mule newt nightingale ocelot octopus okapi orca oriole oryx osprey ostrich otter owl oyster panda panther parrot pelican penguin petrel pheasant pigeon pika plover polecat pony porpoise puffin puma quail rabbit raccoon raven reindeer robin rook salmon sandpiper seahorse seal serval shark shrew skylark sloth snail snipe sparrow squid squirrel starling stoat stork swallow swan swift tapir tern thrush tiger toad toucan trout turtle viper vole walrus wasp weasel whale wigeon wildcat wolf wombat woodcock wren yak zebra'.split(
    ' ',
  )

/** A name for a run that was given none: an adjective and an animal, easy to say and to find again. */
export function runName(random: Pick<Random, 'next'>): string {
  return `${pick(ADJECTIVES, random)}-${pick(ANIMALS, random)}`
}

function pick(words: readonly string[], random: Pick<Random, 'next'>): string {
  return words[Math.floor(random.next() * words.length)] ?? words[0]!
}
