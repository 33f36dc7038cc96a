import { tellFailure } from './toasts.tsx'

/** Hands a text to the person as a file. */
export async function save(read: () => Promise<string>, name: string): Promise<void> {
  try {
    const url = URL.createObjectURL(new Blob([await read()], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = url
    link.download = name
    link.click()
    URL.revokeObjectURL(url)
  } catch (error) {
    tellFailure(error)
  }
}
