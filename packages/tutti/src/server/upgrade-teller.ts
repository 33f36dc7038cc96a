import { statSync } from 'node:fs'
import { elapsedMs } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import { isLongUpgrade } from '../core/store-upgrade.ts'
import type { StoreUpgrade } from '../core/store-upgrade.ts'
import type { ServerLog } from './log.ts'

const EVERY_MS = 5_000

/**
 * Logs what a first start with a new version does to a large file, and how far it is: it takes minutes.
 *
 * @param sizeOf - of a file in bytes; the copy grows while it is written.
 */
export function upgradeTeller(
  log: Pick<ServerLog, 'write'>,
  clock: Clock,
  sizeOf: (path: string) => number = fileSize,
): (upgrade: StoreUpgrade | null) => void {
  let stop: (() => void) | undefined
  let isTold = false

  function watch(look: () => void): void {
    stop = clock.timer(EVERY_MS, () => {
      look()
      watch(look)
    })
  }

  return (upgrade) => {
    stop?.()
    stop = undefined
    switch (upgrade?.type) {
      case 'copy': {
        const { path, to, sizeBytes } = upgrade
        isTold = isLongUpgrade(sizeBytes)
        if (!isTold) return
        log.write('info', 'the database is of an earlier version: it is copied before its schema is changed', {
          database: path,
          copy: to,
          size: gigabytes(sizeBytes),
        })
        return watch(() => {
          const copied = Math.min(sizeOf(to), sizeBytes)
          const percent = Math.floor((100 * copied) / sizeBytes)
          log.write('info', 'the database is being copied', { percent, copied: gigabytes(copied), of: gigabytes(sizeBytes) })
        })
      }
      case 'change': {
        if (!isTold) return
        const since = clock.now()
        log.write('info', 'the database is copied; its schema is being changed', { database: upgrade.path })
        return watch(() => {
          log.write('info', 'the schema is still being changed', { seconds: Math.round(elapsedMs(since, clock.now()) / 1000) })
        })
      }
      case undefined:
        if (isTold) log.write('info', 'the database is up to date')
        isTold = false
    }
  }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}
