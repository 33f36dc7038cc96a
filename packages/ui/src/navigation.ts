import {
  Blocks,
  ChartNoAxesGantt,
  FileBox,
  Gauge,
  House,
  Logs,
  Radio,
  Rocket,
  Server,
  Settings,
  SlidersHorizontal,
  Workflow,
} from 'lucide-react'
import type { LucideIcon } from 'lucide-react'

export interface Place {
  readonly to: string
  readonly label: string
  readonly icon: LucideIcon
  /** After `g`. */
  readonly key: string
}

export interface PlaceGroup {
  readonly label: string
  readonly places: readonly Place[]
}

/** Where one can go, in the order of the sidebar. */
export const PLACES: readonly PlaceGroup[] = [
  {
    label: 'Work',
    places: [
      { to: '/', label: 'Home', icon: House, key: 'h' },
      { to: '/runs', label: 'Runs', icon: ChartNoAxesGantt, key: 'r' },
      { to: '/flows', label: 'Flows', icon: Workflow, key: 'f' },
      { to: '/deployments', label: 'Deployments', icon: Rocket, key: 'd' },
    ],
  },
  {
    label: 'Machines',
    places: [
      { to: '/work-pools', label: 'Work pools', icon: Server, key: 'w' },
      { to: '/concurrency', label: 'Concurrency', icon: Gauge, key: 'c' },
    ],
  },
  {
    label: 'Records',
    places: [
      { to: '/logs', label: 'Logs', icon: Logs, key: 'l' },
      { to: '/events', label: 'Events', icon: Radio, key: 'e' },
      { to: '/artifacts', label: 'Artifacts', icon: FileBox, key: 'a' },
    ],
  },
  {
    label: 'Setup',
    places: [
      { to: '/blocks', label: 'Blocks', icon: Blocks, key: 'b' },
      { to: '/variables', label: 'Variables', icon: SlidersHorizontal, key: 'v' },
      { to: '/settings', label: 'Settings', icon: Settings, key: 's' },
    ],
  },
]
