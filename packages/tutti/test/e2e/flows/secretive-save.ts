// Saves a block with secrets in another block.
import { connect } from 'tutti'
import { Service } from './secretive.ts'

const tutti = await connect()
await Service.save('hunted', {
  host: 'host',
  login: { user: 'me', password: process.env['HUNTED_PASSWORD'] ?? '' },
  token: process.env['HUNTED_TOKEN'] ?? '',
})
await tutti.close()
