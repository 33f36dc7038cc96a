import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { uuid, wire } from './values.ts'

const storageWire = z.object({ default_result_storage_block_id: wire.uuid.nullable() }).meta({ id: 'ServerDefaultResultStorage' })

export const admin = {
  settings: endpoint({
    method: 'GET',
    path: '/admin/settings',
    summary: 'Settings of the server, without secrets.',
    output: wire.object,
  }),
  storage: endpoint({
    method: 'GET',
    path: '/admin/storage',
    summary: 'The block that results are kept in by those who name none.',
    output: storageWire,
  }),
  setStorage: endpoint({
    method: 'PUT',
    path: '/admin/storage',
    summary: 'Names the block that results are kept in by those who name none.',
    body: z.strictObject({ default_result_storage_block_id: uuid }),
    output: storageWire,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  clearStorage: endpoint({ method: 'DELETE', path: '/admin/storage', summary: 'Names no such block any more.' }),
}
