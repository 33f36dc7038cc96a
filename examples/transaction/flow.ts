import { flow, task, transaction } from 'tutti'

const shelf = new Set<string>()

/** What a task did can be undone when the transaction around it fails: last done, first undone. */
const put = task(
  { name: 'put', onRollback: (item: string) => remove(item), onCommit: (item: string) => console.log(`${item} stays`) },
  (item: string) => {
    shelf.add(item)
    console.log(`put ${item}`)
    return item
  },
)

function remove(item: string): void {
  shelf.delete(item)
  console.log(`took ${item} back`)
}

export const order = flow({ name: 'order' }, async (items: readonly string[]) => {
  await transaction(async () => {
    for (const item of items) await put(item)
    if (items.includes('wrong item')) throw new Error('this order cannot be filled')
  })
})

if (import.meta.main) {
  await order(['tea', 'milk'])
  const state = await order(['cup', 'spoon', 'wrong item']).state()
  console.log(`${state.name}: ${state.message}`)
  console.log('on the shelf:', [...shelf].join(', '))
}
