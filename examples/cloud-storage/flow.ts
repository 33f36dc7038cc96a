import { deleteObjects, downloadFile, GcpCredentials, GcsBucket, gcsResults, uploadFile } from '@tutti/gcp'
import { flow, log, task } from 'tutti'

/** Once, by hand or by a script: what flows load by name. */
export async function setUp(key: string, emulator?: string): Promise<void> {
  await GcpCredentials.save('prod', { serviceAccount: key }, { overwrite: true })
  await GcsBucket.save('trips', { bucket: 'trips', folder: 'yellow', credentials: 'prod', emulator }, { overwrite: true })
}

export const publish = flow({ name: 'publish-trips' }, async ({ file }: { file: string }) => {
  const { url, sizeBytes } = await uploadFile({ bucket: 'trips', file, name: '2021/01/trips.csv' })
  log.info(`${sizeBytes} bytes are at ${url}`)
  return url
})

export const fetchTrips = flow({ name: 'fetch-trips' }, async ({ file }: { file: string }) => {
  await downloadFile({ bucket: 'trips', name: '2021/01/trips.csv', file })
  return deleteObjects({ bucket: 'trips', glob: 'tmp/**' })
})

/** Whatever there is no task for is called on the bucket itself, in a flow, a task or a script. */
export async function lookAround(): Promise<{ months: string[]; first: string; link: string }> {
  const bucket = await GcsBucket.load('trips')

  await bucket.write('2021/02/trips.json', JSON.stringify([{ trip: 1 }]), { metadata: { source: 'web' } })

  const months: string[] = []
  for await (const { name } of bucket.list({ glob: '2021/*/trips.{csv,json}', limit: 100 })) months.push(name)

  let first = ''
  for await (const chunk of bucket.stream('2021/01/trips.csv')) first += chunk.toString()

  const link = await bucket.signedUrl('2021/01/trips.csv', { expires: '15m' })
  return { months, first, link }
}

const rowsOf = task({ name: 'rows-of' }, async (name: string) => {
  const bucket = await GcsBucket.load('trips')
  return (await bucket.readText(name)).trim().split('\n').slice(1)
})

/** Its large results lie in the bucket, so any worker goes on with a run. */
export const readTrips = flow({ name: 'read-trips', results: { storage: gcsResults('trips') } }, async () => {
  const rows = await rowsOf('2021/01/trips.csv')
  return rows.length
})

/** Two that count do not overwrite each other: the one that comes second counts again. */
export async function count(name: string): Promise<number> {
  const bucket = await GcsBucket.load('trips')
  const before = await bucket.stat(name)
  const counted = before === undefined ? 1 : Number(await bucket.readText(name, { generation: before.generation })) + 1
  await bucket.write(name, String(counted), { ifGenerationMatch: before?.generation ?? 0 })
  return counted
}
