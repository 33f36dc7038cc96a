import { ChevronRight } from 'lucide-react'
import type { ReactElement } from 'react'
import { CopyButton } from './empty.tsx'
import { withoutAnsi } from './log-view/ansi.ts'

/** An error as a run threw it. */
export interface ThrownError {
  readonly name: string
  readonly message: string
  readonly stack: string | null
  readonly cause: ThrownError | null
  readonly errors: readonly ThrownError[]
}

/** Message first, what caused it below, and where it was thrown on demand. */
export function Thrown({ error, isOpen = false }: { readonly error: ThrownError; readonly isOpen?: boolean }): ReactElement {
  return (
    <div className="min-w-0 text-sm">
      <div className="flex items-start justify-between gap-2">
        {/* Errors carry whole pages of other programs; what stands below must stay in sight. */}
        <div tabIndex={0} role="group" aria-label="What was said" className="max-h-40 min-w-0 overflow-y-auto rounded-sm">
          <p className="font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap">
            <span className="font-semibold text-(--state-failed-text)">{error.name}</span>: {withoutAnsi(error.message)}
          </p>
          {causesOf(error).map(({ name, message }) => (
            <p key={`${name} ${message}`} className="mt-0.5 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap text-ink-2">
              because <span className="font-semibold">{name}</span>: {withoutAnsi(message)}
            </p>
          ))}
          {error.errors.length > 0 && (
            <ul className="mt-1 list-disc pl-5 font-mono text-xs leading-5 text-ink-2">
              {error.errors.map(({ name, message }, at) => (
                // oxlint-disable-next-line react/no-array-index-key -- errors of one error never change places
                <li key={at} className="wrap-anywhere">
                  {name}: {withoutAnsi(message)}
                </li>
              ))}
            </ul>
          )}
        </div>
        <span className="-my-1">
          <CopyButton text={wholeText(error)} label="Copy the error" />
        </span>
      </div>
      {error.stack !== null && (
        <details open={isOpen} className="group mt-1.5">
          <summary className="flex w-fit cursor-pointer list-none items-center gap-1 rounded-sm text-xs text-ink-2 hover:text-ink">
            <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
            Stack
          </summary>
          <pre className="mt-1 max-h-80 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5">
            {stackLines(error).map(({ text, isOwn }, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- lines of one stack never change places
              <span key={at} className={isOwn ? 'text-ink' : 'text-ink-3'}>{`${text}\n`}</span>
            ))}
          </pre>
        </details>
      )}
    </div>
  )
}

const CAUSES_MAX = 8

function causesOf(error: ThrownError): readonly ThrownError[] {
  const causes: ThrownError[] = []
  for (let cause = error.cause; cause !== null && causes.length < CAUSES_MAX; cause = cause.cause) causes.push(cause)
  return causes
}

/** Lines of the reader's own code stand out from those of the platform and of packages. */
function stackLines(error: ThrownError): readonly { readonly text: string; readonly isOwn: boolean }[] {
  return [error, ...causesOf(error)].flatMap(({ stack }, at) =>
    withoutAnsi(stack ?? '')
      .split('\n')
      .map((line, row) => ({
        text: at > 0 && row === 0 ? `Caused by: ${line}` : line,
        isOwn: !/^\s+at /.test(line) || !/(?:node:|node_modules|\/tutti\/(?:src|dist)\/)/.test(line),
      })),
  )
}

function wholeText(error: ThrownError): string {
  const text = stackLines(error)
    .map((line) => line.text)
    .join('\n')
  return text === '' ? `${error.name}: ${error.message}` : text
}
