// A block as code loads it.

interface Named {
  readonly slug: string
  readonly typeName: string
  readonly name: string
}

export interface BlockCode {
  readonly typescript: string
  readonly python: string
  readonly command: string
}

/** Types that come with a package, and what they are called there. */
const OF_PACKAGES: Readonly<Record<string, readonly [name: string, from: string]>> = {
  secret: ['Secret', 'tutti'],
  json: ['JsonBlock', 'tutti'],
  'gcp-credentials': ['GcpCredentials', '@tutti/gcp'],
  'gcs-bucket': ['GcsBucket', '@tutti/gcp'],
  bigquery: ['BigQuery', '@tutti/gcp'],
}

export function codeOf({ slug, typeName, name }: Named): BlockCode {
  const [type, from] = OF_PACKAGES[slug] ?? [classOf(typeName), './blocks.ts']
  const isSecret = slug === 'secret'
  const variable = isSecret ? 'secret' : type.charAt(0).toLowerCase() + type.slice(1)
  return {
    typescript: [
      `import { ${type} } from '${from}'${from === './blocks.ts' ? ' // where defineBlock() is' : ''}`,
      '',
      `const ${variable} = await ${type}.load('${name}')`,
      ...(isSecret ? ['secret.reveal() // the only way to its value'] : []),
    ].join('\n'),
    python: isSecret
      ? `from prefect.blocks.system import Secret\n\nsecret = Secret.load("${name}").get()`
      : `from prefect.blocks.core import Block\n\nblock = Block.load("${slug}/${name}")`,
    command: `tutti block inspect ${slug}/${name}`,
  }
}

/** `my warehouse`: MyWarehouse. */
function classOf(typeName: string): string {
  const words = typeName.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return /^\p{L}/u.test(name) ? name : `Block${name}`
}
