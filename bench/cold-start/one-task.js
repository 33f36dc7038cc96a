// The smallest program there is: one flow, one task. Plain JavaScript, as the build of a user's program would be.
import { flow, task } from 'tutti'

const greet = task({ name: 'greet' }, async (/** @type {string} */ name) => `Hello, ${name}!`)

const hello = flow({ name: 'hello' }, async () => greet('Ada'))

console.log(await hello())
