import { useVirtualizer } from '@tanstack/react-virtual'
import { Copy } from 'lucide-react'
import { memo, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { CSSProperties, ReactElement, ReactNode } from 'react'
import { duration, useTimeFormat } from '../../format.ts'
import type { TimeFormat } from '../../format.ts'
import type { LogTimes } from '../../preferences.ts'
import { tell } from '../toasts.tsx'
import { withoutAnsi } from './ansi.ts'
import { textPieces } from './log-text.ts'
import type { TextPiece } from './log-text.ts'
import { levelOf, streamOf } from './log-window.ts'
import type { LogLevel, LogLine } from './log-window.ts'

/** What a line is of: the task of a run, or the run itself. */
export interface LogSource {
  readonly label: string
  readonly onOpen?: (() => void) | undefined
}

export interface LogViewProps {
  /** What the lines are, for who does not see them. */
  readonly label: string
  /** In their order. Drawn are only those in sight. */
  readonly lines: readonly LogLine[]
  readonly sourceOf?: (line: LogLine) => LogSource | undefined
  /** Marked wherever it stands. */
  readonly searched?: string
  /** The line that is shown and marked, by its id. */
  readonly target?: string | undefined
  readonly isWrapped: boolean
  readonly times: LogTimes
  /** From when `elapsed` times count. */
  readonly since?: string | null
  /** The end stays in sight when lines come. Scrolling up ends it, scrolling to the end begins it. */
  readonly isFollowing?: boolean
  readonly onFollow?: (isFollowing: boolean) => void
  /** Asked for when the start, or the end, comes near; `undefined` where there is no more. */
  readonly onEarlier?: (() => void) | undefined
  readonly onLater?: (() => void) | undefined
  /** In place of lines. */
  readonly empty: ReactNode
}

const LINE_PX = 20
const PADDING_PX = 2
/** Lines from the start, or the end, from where the next ones are asked for. */
const NEAR = 30
/** Drawn above and below those in sight. */
const OVERSCAN = 12
const AT_END_PX = 12

/** Lines of a log, of which only those in sight are drawn: a hundred thousand cost what fifty do. */
export function LogView(props: LogViewProps): ReactElement {
  const { label, lines, empty } = props
  // What is followed is drawn at its end at once: only where there are lines is known where that is.
  if (lines.length > 0) return <Filled {...props} />
  return (
    <div role="log" aria-label={label} aria-live="off" tabIndex={0} className={SCROLLER}>
      {empty}
    </div>
  )
}

const SCROLLER = '@container relative min-h-0 flex-1 overflow-auto bg-surface [overflow-anchor:none]'

function Filled({
  label,
  lines,
  sourceOf,
  searched = '',
  target,
  isWrapped,
  times,
  since = null,
  isFollowing = false,
  onFollow,
  onEarlier,
  onLater,
}: Omit<LogViewProps, 'empty'>): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const format = useTimeFormat()
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(lines[index]!.message),
    overscan: OVERSCAN,
    getItemKey: (index) => lines[index]!.id,
    initialOffset: () => (isFollowing ? heightOfAll(lines) : 0),
  })
  useEffect(() => virtual.measure(), [isWrapped, virtual])
  useHeldPlace(lines, scroller, isFollowing)

  useLayoutEffect(() => {
    if (isFollowing && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isFollowing, lines, virtual, isWrapped])

  const shownTarget = useRef<string>(undefined)
  useEffect(() => {
    if (target === undefined) shownTarget.current = undefined
    if (target === undefined || shownTarget.current === target) return
    const index = lines.findIndex(({ id }) => id === target)
    if (index === -1) return
    shownTarget.current = target
    virtual.scrollToIndex(index, { align: 'center' })
  }, [target, lines, virtual])

  const items = virtual.getVirtualItems()
  // Nothing is near before the first lines are drawn.
  const first = items[0]?.index
  const last = items.at(-1)?.index
  useEffect(() => {
    if (first !== undefined && first < NEAR) onEarlier?.()
  }, [first, onEarlier])
  useEffect(() => {
    if (last !== undefined && last > lines.length - NEAR) onLater?.()
  }, [last, lines.length, onLater])

  const before = useRef(0)
  const onScroll = (): void => {
    const element = scroller.current
    if (element === null) return
    const isUp = element.scrollTop < before.current - 1
    before.current = element.scrollTop
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
    if (isFollowing && isUp && !isAtEnd) onFollow?.(false)
    else if (!isFollowing && !isUp && isAtEnd && onLater === undefined) onFollow?.(true)
  }
  const hasSources = sourceOf !== undefined
  return (
    <div ref={scroller} role="log" aria-label={label} aria-live="off" tabIndex={0} onScroll={onScroll} className={SCROLLER}>
      <div className="relative min-w-full font-mono text-xs" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const line = lines[index]!
          return (
            <div
              key={key}
              data-index={index}
              data-line={line.id}
              ref={isWrapped ? virtual.measureElement : undefined}
              className={`absolute top-0 left-0 ${isWrapped ? 'w-full' : 'min-w-full'}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line
                line={line}
                source={sourceOf?.(line)}
                hasSources={hasSources}
                time={timeOf(line.timestamp, times, since, format)}
                searched={searched}
                isTarget={line.id === target}
                isWrapped={isWrapped}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function heightOf(message: string): number {
  let rows = 1
  for (let at = message.indexOf('\n'); at !== -1; at = message.indexOf('\n', at + 1)) rows += 1
  return rows * LINE_PX + PADDING_PX
}

function heightOfAll(lines: readonly LogLine[]): number {
  return lines.reduce((sum, { message }) => sum + heightOf(message), 0)
}

/** Lines that come in above leave those in sight where they are. */
function useHeldPlace(lines: readonly LogLine[], scroller: { readonly current: HTMLDivElement | null }, isFollowing: boolean): void {
  const former = useRef<readonly LogLine[]>([])
  useLayoutEffect(() => {
    const firstBefore = former.current[0]
    const firstNow = lines[0]
    former.current = lines
    const element = scroller.current
    if (firstBefore === undefined || firstNow === undefined || firstBefore.id === firstNow.id || element === null || isFollowing) return
    const at = lines.findIndex(({ id }) => id === firstBefore.id)
    if (at < 1) return
    element.scrollBy(0, heightOfAll(lines.slice(0, at)))
  }, [lines, scroller, isFollowing])
}

function timeOf(timestamp: string, times: LogTimes, since: string | null, format: TimeFormat): string {
  switch (times) {
    case 'none':
      return ''
    case 'moment':
      return format.moment(timestamp)
    case 'elapsed': {
      const ms = Date.parse(timestamp) - (since === null ? 0 : Date.parse(since))
      return since === null ? format.fineTime(timestamp) : `${ms < 0 ? '-' : '+'}${duration(Math.abs(ms))}`
    }
    case 'time':
      return format.fineTime(timestamp)
  }
}

const LEVELS: Readonly<Record<LogLevel, { readonly word: string; readonly text: string; readonly bar: string; readonly row: string }>> = {
  debug: { word: 'DEBUG', text: 'text-ink-3', bar: 'bg-transparent', row: '' },
  info: { word: 'INFO', text: 'text-ink-2', bar: 'bg-transparent', row: '' },
  warning: {
    word: 'WARN',
    text: 'text-(--state-late-text)',
    bar: 'bg-(--state-late)',
    row: 'bg-[color-mix(in_oklch,var(--state-late)_7%,transparent)]',
  },
  error: {
    word: 'ERROR',
    text: 'text-(--state-failed-text)',
    bar: 'bg-(--state-failed)',
    row: 'bg-[color-mix(in_oklch,var(--state-failed)_8%,transparent)]',
  },
  critical: {
    word: 'CRIT',
    text: 'text-(--state-crashed-text)',
    bar: 'bg-(--state-crashed)',
    row: 'bg-[color-mix(in_oklch,var(--state-crashed)_10%,transparent)]',
  },
}

interface LineProps {
  readonly line: LogLine
  readonly source: LogSource | undefined
  readonly hasSources: boolean
  readonly time: string
  readonly searched: string
  readonly isTarget: boolean
  readonly isWrapped: boolean
}

const Line = memo(
  function Line({ line, source, hasSources, time, searched, isTarget, isWrapped }: LineProps): ReactElement {
    const pieces = useMemo(() => textPieces(line.message, searched), [line.message, searched])
    const level = levelOf(line.level)
    const { word, text, bar, row } = LEVELS[level]
    const streamed = streamOf(line.name)
    return (
      <div
        className={`group flex items-start gap-2 pr-2 leading-5 hover:bg-hover ${isTarget ? 'bg-accent-soft outline-1 -outline-offset-1 outline-accent outline-solid' : row}`}
        style={{ paddingBottom: PADDING_PX }}
      >
        <span aria-hidden className={`w-[3px] shrink-0 self-stretch ${bar}`} />
        {time !== '' && <span className="tabular shrink-0 text-ink-3 select-none">{time}</span>}
        <span className={`w-10 shrink-0 text-2xs leading-5 select-none ${text} hidden @md:inline`}>{word}</span>
        {hasSources && (
          <span className="hidden w-36 shrink-0 truncate text-ink-3 select-none @2xl:inline">
            {source?.onOpen === undefined ? (
              <span title={source?.label}>{source?.label}</span>
            ) : (
              <button
                type="button"
                tabIndex={-1}
                title={source.label}
                onClick={source.onOpen}
                className="block w-full truncate text-left hover:text-ink hover:underline"
              >
                {source.label}
              </button>
            )}
          </span>
        )}
        {streamed !== undefined && (
          <span
            title={`Printed to ${streamed}`}
            className={`shrink-0 rounded-sm border border-line px-1 text-2xs leading-4 select-none ${streamed === 'stderr' ? 'text-(--state-late-text)' : 'text-ink-3'}`}
          >
            {streamed === 'stderr' ? 'err' : 'out'}
          </span>
        )}
        <span
          className={`min-w-0 flex-1 ${isWrapped ? 'break-words whitespace-pre-wrap' : 'whitespace-pre'} ${level === 'debug' ? 'text-ink-2' : 'text-ink'}`}
        >
          {hasSources && source !== undefined && source.label !== '' && (
            <span
              title={source.label}
              className="mr-2 inline-block max-w-28 @md:max-w-44 truncate align-bottom whitespace-pre text-ink-3 select-none @2xl:hidden"
            >
              {source.label}
            </span>
          )}
          {pieces.map((piece, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- pieces of one text never change places
            <Piece key={at} piece={piece} />
          ))}
        </span>
        <button
          type="button"
          tabIndex={-1}
          aria-label="Copy the line"
          title="Copy the line"
          onClick={() => void copyLine(line)}
          className={`${isWrapped ? 'absolute top-0 right-1' : 'sticky right-1'} grid size-5 shrink-0 place-items-center rounded-sm bg-surface text-ink-3 opacity-0 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100`}
        >
          <Copy aria-hidden className="size-3.5" />
        </button>
      </div>
    )
  },
  (one, other) =>
    one.line === other.line &&
    one.time === other.time &&
    one.searched === other.searched &&
    one.isTarget === other.isTarget &&
    one.isWrapped === other.isWrapped &&
    one.hasSources === other.hasSources &&
    one.source?.label === other.source?.label,
)

async function copyLine({ timestamp, level, message }: LogLine): Promise<void> {
  await navigator.clipboard.writeText(`${timestamp} ${LEVELS[levelOf(level)].word} ${withoutAnsi(message)}`)
  tell({ tone: 'info', text: 'The line is copied.' }, 1_500)
}

function Piece({ piece }: { readonly piece: TextPiece }): ReactElement | string {
  const { text, color, background, isBold, isDim, isItalic, isUnderlined, isMatch, href } = piece
  const style: CSSProperties = {
    ...(color === undefined ? undefined : { color }),
    ...(background === undefined ? undefined : { background }),
    ...(isBold === true ? { fontWeight: 700 } : undefined),
    ...(isDim === true ? { opacity: 0.7 } : undefined),
    ...(isItalic === true ? { fontStyle: 'italic' } : undefined),
    ...(isUnderlined === true || href !== undefined ? { textDecoration: 'underline' } : undefined),
  }
  const shown = isMatch === true ? <mark className="rounded-[2px] bg-(--mark) text-(--mark-ink)">{text}</mark> : text
  if (href !== undefined)
    return (
      <a href={href} target="_blank" rel="noreferrer" tabIndex={-1} style={style}>
        {shown}
      </a>
    )
  if (isMatch === true || Object.keys(style).length > 0) return <span style={style}>{shown}</span>
  return text
}
