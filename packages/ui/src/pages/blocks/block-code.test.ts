import { expect, test } from 'vitest'
import { codeOf } from './block-code.ts'

test('a block of a type of one’s own is loaded by the class of its type', () => {
  const code = codeOf({ slug: 'my-warehouse', typeName: 'my warehouse', name: 'main' })

  expect(code.typescript).toContain("const myWarehouse = await MyWarehouse.load('main')")
  expect(code.python).toContain('Block.load("my-warehouse/main")')
  expect(code.command).toBe('tutti block inspect my-warehouse/main')
})

test('types that come with a package are imported from it', () => {
  expect(codeOf({ slug: 'gcs-bucket', typeName: 'GCS Bucket', name: 'trips' }).typescript).toContain(
    "import { GcsBucket } from '@tutti/gcp'",
  )
  const secret = codeOf({ slug: 'secret', typeName: 'Secret', name: 'api-token' })
  expect(secret.typescript).toContain("import { Secret } from 'tutti'")
  expect(secret.python).toContain('Secret.load("api-token").get()')
})
