import { QueryCache, QueryClient, QueryClientProvider, MutationCache } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { isTuttiError } from 'tutti/client'
import { noteRefusal } from './connection.ts'
import { followChanges } from './live.ts'
import { watchPreferences } from './preferences.ts'
import { createAppRouter } from './router.tsx'
import { tellFailure } from './parts/toasts.tsx'
import './theme.css'

// Relative as the server sends it; pages move, the folder they are in does not.
for (const base of document.querySelectorAll('base')) base.href = document.baseURI

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: noteRefusal }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      noteRefusal(error)
      // Forms that show what is wrong with them say so.
      if (mutation.meta?.['isShown'] !== true) tellFailure(error)
    },
  }),
  defaultOptions: {
    queries: {
      // The stream of changes says when an answer is old.
      staleTime: 60_000,
      gcTime: 300_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 3 && isTuttiError(error, 'SERVER_UNREACHABLE'),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
    mutations: { retry: false },
  },
})

watchPreferences()
void followChanges(queries, new AbortController().signal)

const router = createAppRouter(queries)

// The page asks its first questions, then all of it is drawn at once.
void router.load().finally(() =>
  createRoot(document.querySelector('#root')!).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  ),
)
