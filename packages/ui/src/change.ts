import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { UseMutationResult } from '@tanstack/react-query'

/** Does something on the server, then looks again at the nouns it changed. A form shows what is wrong itself. */
export function useChange<Given, Made>(
  change: (given: Given) => Promise<Made>,
  nouns: readonly string[],
  { isShown = false }: { readonly isShown?: boolean } = {},
): UseMutationResult<Made, Error, Given> {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: change,
    meta: { isShown },
    onSettled: () => Promise.all(nouns.map((noun) => cache.invalidateQueries({ queryKey: [noun] }))),
  })
}
