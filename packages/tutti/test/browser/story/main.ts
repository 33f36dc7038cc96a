// `node --conditions=tutti-source story/main.ts HOME [--port N] [--past 3000] [--large 10000] [--stay]`: makes a home with the story in it.
import { parseArgs } from 'node:util'
import { Stage } from './story.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '4310' },
    past: { type: 'string', default: '3000' },
    large: { type: 'string', default: '10000' },
    stay: { type: 'boolean' },
  },
})
const stage = new Stage(positionals[0]!, Number(values.port))
try {
  console.log(JSON.stringify(await stage.tell({ pastRuns: Number(values.past), largeRun: Number(values.large) }), null, 2))
  if (values.stay === true) await new Promise((resolve) => process.once('SIGINT', resolve))
} finally {
  await stage.close()
}
