import { expect, test } from 'vitest'
import { git } from './git.ts'

test('a repository becomes the pull step that a deployment stores', () => {
  const step = git({ repository: 'https://git.example.com/a.git', branch: 'main', directory: 'flows', token: 'env:GITHUB_TOKEN' })

  expect(JSON.parse(JSON.stringify([step]))).toEqual([
    { 'tutti.git': { repository: 'https://git.example.com/a.git', branch: 'main', directory: 'flows', token: 'env:GITHUB_TOKEN' } },
  ])
})

test('what cannot be right is refused where it is written', () => {
  expect(() => git({ repository: 'https://ada:secret@git.example.com/a.git' })).toThrow(
    'git({ … }) has credentials in the address of https://git.example.com/a.git',
  )
  expect(() => git({ repository: 'git@git.example.com:a.git', commit: 'abc1234' })).toThrow('is not written in full')
})
