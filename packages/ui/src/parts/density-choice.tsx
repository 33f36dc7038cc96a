import type { ReactElement } from 'react'
import { setPreferences, usePreferences } from '../preferences.ts'
import { Segmented } from './segmented.tsx'

/** How many rows a screen holds. */
export function DensityChoice(): ReactElement {
  const { density } = usePreferences()
  return (
    <Segmented
      label="Density"
      choices={[
        { value: 'comfortable', label: 'Comfortable' },
        { value: 'compact', label: 'Compact' },
      ]}
      value={density}
      onChange={(next) => setPreferences({ density: next })}
    />
  )
}
