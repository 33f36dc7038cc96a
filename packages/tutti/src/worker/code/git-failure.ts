/** What went wrong, read from what git printed: it has one exit status for nearly everything. */
export type GitFailure =
  /** Not allowed: no token or key, or a wrong one. */
  | 'refused'
  | 'repository-missing'
  | 'moved'
  /** Worth another attempt. */
  | 'unreachable'
  | 'commit-missing'
  /** An old server that hands out the tips of its branches only. */
  | 'tips-only'
  /** Our own copy of the repository is damaged, or was left locked by a process that was killed. */
  | 'copy-damaged'
  | 'other'

/** In this order: the first that fits counts. */
const PATTERNS: readonly (readonly [GitFailure, RegExp])[] = [
  [
    'copy-damaged',
    /\.lock': File exists|shallow file has changed|loose object|is corrupt|corrupt(?:ed)? (?:pack|object)|bad object|unable to find all commit-ish|not a git repository: |missing (?:blob|tree) object/i,
  ],
  ['tips-only', /unadvertised object/i],
  ['commit-missing', /not our ref|couldn't find remote ref|did not contain|not a valid object name|no such commit/i],
  ['moved', /returned error: 30\d|redirection/i],
  [
    'refused',
    /authentication failed|could not read (?:username|password)|terminal prompts disabled|returned error: 40[13]\b|permission denied \(|host key verification failed|access denied|error in libcrypto|invalid format/i,
  ],
  ['unreachable', /returned error: (?:5\d\d|429|408)\b|could not resolve host|temporary failure in name resolution/i],
  [
    'repository-missing',
    /repository (?:'.*' )?not found|does not appear to be a git repository|returned error: 404\b|not a git repository/i,
  ],
  [
    'unreachable',
    /failed to connect|couldn't connect|connection (?:was )?(?:refused|timed out|reset|closed)|timed out|timeout|early eof|hung up|rpc failed|no route to host|unreachable|operation too slow|unexpected disconnect|transfer closed|empty reply|ssl|tls|broken pipe|unable to access/i,
  ],
]

export function readGitFailure(stderr: string): GitFailure {
  return PATTERNS.find(([, pattern]) => pattern.test(stderr))?.[0] ?? 'other'
}
