import { useState } from 'react'

/** The text of a field whose value is no text: what was typed stays as it was typed (`1.0`, half an object) as long as it means the value. */
export function useTypedText(
  value: unknown,
  { read, write }: { readonly read: (text: string) => unknown; readonly write: (value: unknown) => string },
): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => write(value))
  const meant = write(read(text))
  const given = write(value)
  if (meant === given) return [text, setText]
  // The value was changed elsewhere.
  setText(given)
  return [given, setText]
}
