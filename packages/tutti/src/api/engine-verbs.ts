/** The two sides must mean the same by a record; a server that does not know the version of an engine says so. */
export const ENGINE_VERSION = 1

/** Every operation of the orchestrator that an engine may ask a server for. Without their schemas: who asks has no use for them. */
export const ENGINE_VERBS = {
  flowRuns: [
    'get',
    'find',
    'list',
    'countByState',
    'states',
    'explain',
    'planRerun',
    'rerun',
    'command',
    'take',
    'delete',
    'beat',
    'look',
    'recover',
  ],
  taskRuns: ['get', 'list', 'countByState'],
  journal: ['flush', 'entries', 'outcomes', 'values', 'cached'],
  waits: ['open', 'wake', 'answer'],
  logs: ['list'],
  artifacts: ['publish'],
  blocks: ['register', 'find', 'save', 'list', 'remove', 'types', 'findType', 'removeType'],
  variables: ['find', 'set', 'unset', 'page'],
  flows: ['list'],
  maintenance: ['info'],
  maintenanceMode: ['status', 'enter', 'leave'],
} as const

export type EngineNoun = keyof typeof ENGINE_VERBS
