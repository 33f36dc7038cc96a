import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { flow } from 'tutti'
import { testTutti } from 'tutti/testing'
import { copyObject, deleteObjects, downloadFile, downloadFolder, GcsBucket, uploadFile, uploadFolder } from '@tutti/gcp'
import { openLocalCloud } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

let cloud: LocalCloud

beforeAll(async () => {
  cloud = await openLocalCloud()
})

beforeEach(() => cloud.server.reset())

afterAll(() => cloud.close())

test('a flow uploads, copies, downloads and deletes by the name of a saved bucket', async () => {
  await using tutti = await testTutti()
  const file = path.join(cloud.folder, 'trips.csv')
  writeFileSync(file, 'a,b\n1,2\n')
  const etl = flow({ name: 'etl' }, async () => {
    await GcsBucket.save('trips', { bucket: 'trips', emulator: cloud.server.url })
    const bucket = 'trips'
    const { url } = await uploadFile({ bucket, file, name: 'in/trips.csv' })
    await copyObject({ bucket, from: 'in/trips.csv', to: 'out/trips.csv' })
    const copy = await downloadFile({ bucket, name: 'out/trips.csv', file: path.join(cloud.folder, 'copy.csv') })
    const folder = await downloadFolder({ bucket, prefix: 'in', folder: path.join(cloud.folder, 'in') })
    await uploadFolder({ bucket, folder: path.join(cloud.folder, 'in'), prefix: 'again/' })
    return { url, copy, folder, deleted: await deleteObjects({ bucket, glob: '{in,out,again}/*' }) }
  })

  const { result, taskRuns } = await tutti.run(etl)

  expect(result).toMatchObject({ url: 'gs://trips/in/trips.csv', folder: { files: 1, bytes: 8 }, deleted: 3 })
  expect(readFileSync(result!.copy, 'utf8')).toBe('a,b\n1,2\n')
  expect(taskRuns.map(({ name }) => name.replace(/-\d+$/, ''))).toEqual([
    'upload-file',
    'copy-object',
    'download-file',
    'download-folder',
    'upload-folder',
    'delete-objects',
  ])
})

test('an upload that Google does not take for a while is tried again later', async () => {
  await using tutti = await testTutti()
  const file = path.join(cloud.folder, 'later.csv')
  writeFileSync(file, 'x')
  const bucket = cloud.with({ retries: 0 })
  cloud.server.fail({ count: 2, status: 503, match: 'uploadType=multipart' })
  const later = flow({ name: 'later' }, async () => (await uploadFile({ bucket, file })).name)

  const { result, taskRuns } = await tutti.run(later)

  expect(result).toBe('later.csv')
  expect(taskRuns[0]?.runCount).toBe(3)
})

test('what the caller has to mend is not tried again', async () => {
  await using tutti = await testTutti()
  const wrong = flow({ name: 'wrong' }, async () => uploadFile({ bucket: cloud.bucket, file: path.join(cloud.folder, 'not there') }))

  const { error, taskRuns } = await tutti.run(wrong)

  expect(error).toMatchObject({ code: 'gcp/FILE_UNUSABLE' })
  expect(taskRuns[0]?.runCount).toBe(1)
})

test('a run that is resumed uploads nothing twice, also with a bucket that was loaded again', async () => {
  await using tutti = await testTutti()
  const file = path.join(cloud.folder, 'once.csv')
  writeFileSync(file, 'x')
  const fails = { now: true }
  const once = flow({ name: 'once' }, async () => {
    await uploadFile({ bucket: cloud.with({}), file })
    if (fails.now) throw new Error('later')
    return 'done'
  })
  const { id } = await tutti.run(once)
  fails.now = false
  cloud.server.reset()

  const { result } = await tutti.retry(once, id)

  expect(result).toBe('done')
  expect(cloud.server.log).toEqual([])
})

test("the page of Google's console is linked from the run", async () => {
  const database = path.join(cloud.folder, 'tutti.db')
  const file = path.join(cloud.folder, 'linked.csv')
  writeFileSync(file, 'x')
  const linked = flow({ name: 'linked' }, async () => (await uploadFile({ bucket: cloud.bucket, file, name: 'linked/it.csv' })).url)
  const tutti = await testTutti({ path: database })

  await tutti.run(linked)
  await tutti.close()

  const [artifact] = new DatabaseSync(database).prepare("select data, description from artifacts where type <> 'progress'").all()
  expect(artifact?.['data']).toContain('](https://console.cloud.google.com/storage/browser/_details/trips/linked/it.csv)')
  expect(artifact?.['description']).toContain('1 bytes uploaded')
})
