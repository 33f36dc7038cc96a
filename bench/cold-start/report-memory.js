// Imported before a program whose memory is measured: tells on the fourth stream what the process holds when it ends.
import { writeSync } from 'node:fs'

process.on('exit', () => writeSync(3, String(process.memoryUsage.rss())))
