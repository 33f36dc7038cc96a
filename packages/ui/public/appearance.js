// Before anything is drawn, so that a dark page never flashes white. The keys are those of `src/preferences.ts`.
;(() => {
  let stored
  try {
    stored = JSON.parse(localStorage.getItem('tutti.preferences') ?? '{}')
  } catch {
    stored = {}
  }
  const isDark = stored.theme === 'dark' || (stored.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', isDark)
  document.documentElement.dataset.density = stored.density === 'compact' ? 'compact' : 'comfortable'
})()
