import { CircleHelp } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactElement } from 'react'
import { TONES } from '../../states.ts'
import type { Tone } from '../../states.ts'
import { buttonClass } from '../button.tsx'
import { useCanvas } from './canvas.ts'
import { signInkOn, paintBox, paintSign, textureOf } from './paint.ts'

interface Entry {
  readonly kind: 'run' | 'wait'
  readonly tone: Tone
  readonly word: string
  readonly meaning: string
}

const ran = (tone: Tone, word: string): Entry => ({ kind: 'run', tone, word, meaning: TONES[tone].meaning })

const ENTRIES: readonly Entry[] = [
  ran('completed', 'Completed'),
  ran('failed', 'Failed'),
  ran('crashed', 'Crashed'),
  ran('running', 'Running'),
  ran('cancelled', 'Cancelled'),
  ran('cached', 'Cached'),
  ran('replayed', 'Replayed'),
  ran('retried', 'Retried'),
  { kind: 'wait', tone: 'retrying', word: 'Waits to retry', meaning: 'the attempt before failed' },
  { kind: 'wait', tone: 'paused', word: 'Sleeps or is paused', meaning: 'until its time, or until somebody answers' },
  { kind: 'wait', tone: 'late', word: 'Waits for a slot', meaning: 'a limit lets no more run at once' },
  { kind: 'wait', tone: 'pending', word: 'Waits to start', meaning: 'called, and not begun' },
]

/** What colours, patterns and signs mean. */
export function Legend(): ReactElement {
  return (
    <Popover.Root>
      <Popover.Trigger className={buttonClass('quiet', 'small')} aria-label="Legend">
        <CircleHelp aria-hidden className="size-3.5" />
        <span className="max-sm:sr-only">Legend</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Legend"
          className="z-50 max-h-[70vh] w-80 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-lg border border-line bg-surface p-3 shadow-raised"
        >
          <ul className="flex flex-col gap-2">
            {ENTRIES.map((entry) => (
              <li key={entry.word} className="flex items-start gap-3 text-xs">
                <Sample entry={entry} />
                <span>
                  <span className="font-medium text-ink">{entry.word}</span>
                  <span className="text-ink-3"> · {entry.meaning}</span>
                </span>
              </li>
            ))}
          </ul>
          <p className="mt-3 border-t border-line pt-2 text-xs text-ink-3">
            Lines of the graph: drawn through where a result was taken, dashed where something began once the other had ended.
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Sample({ entry: { kind, tone } }: { readonly entry: Entry }): ReactElement {
  const { ref } = useCanvas((frame) => {
    const texture = textureOf(kind, tone)
    paintBox(frame, kind === 'wait' ? { x: 0, y: 5, width: 44, height: 8 } : { x: 0, y: 1, width: 44, height: 16 }, tone, texture)
    if (kind === 'wait' || tone === 'completed' || tone === 'running') return undefined
    if (texture === 'barred') {
      frame.context.fillStyle = frame.palette.surface
      frame.context.fillRect(3, 3, 16, 12)
    }
    paintSign(frame.context, tone, 5, 3, 12, signInkOn(frame.palette, tone, texture))
    return undefined
  })
  return <canvas ref={ref} aria-hidden className="h-[18px] w-11 shrink-0" />
}
