// Pages are tested as they are shipped: built.
import { ensureDashboard } from '../../../../scripts/dashboard.ts'

export const setup = ensureDashboard
