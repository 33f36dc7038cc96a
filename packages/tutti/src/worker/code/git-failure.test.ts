import { expect, test } from 'vitest'
import { readGitFailure } from './git-failure.ts'

/** As git 2.39 and newer, OpenSSH and the large hosts print them. */
test.each([
  ["fatal: could not read Username for 'https://host': terminal prompts disabled", 'refused'],
  ["remote: Invalid username or password.\nfatal: Authentication failed for 'https://host/a.git/'", 'refused'],
  ["fatal: unable to access 'https://host/a.git/': The requested URL returned error: 403", 'refused'],
  ['git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'refused'],
  ['Host key verification failed.\nfatal: Could not read from remote repository.', 'refused'],
  ["remote: Repository not found.\nfatal: repository 'https://host/a.git/' not found", 'repository-missing'],
  ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', 'repository-missing'],
  ["fatal: '/srv/a.git' does not appear to be a git repository", 'repository-missing'],
  ["fatal: unable to access 'https://host/a.git/': The requested URL returned error: 301", 'moved'],
  ["fatal: unable to access 'https://host/a.git/': The requested URL returned error: 503", 'unreachable'],
  ["fatal: unable to access 'https://host/a.git/': Could not resolve host: host", 'unreachable'],
  ["fatal: unable to access 'https://host/a.git/': Failed to connect to host port 443: Connection refused", 'unreachable'],
  ["fatal: unable to access 'https://host/a.git/': SSL certificate problem: self-signed certificate", 'unreachable'],
  ['ssh: connect to host host port 22: Connection timed out', 'unreachable'],
  ['ssh: Could not resolve hostname host: Name or service not known', 'unreachable'],
  ['error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly\nfatal: early EOF', 'unreachable'],
  ['fatal: the remote end hung up unexpectedly', 'unreachable'],
  ['fatal: remote error: upload-pack: not our ref abababab', 'commit-missing'],
  ["fatal: couldn't find remote ref refs/heads/gone", 'commit-missing'],
  ['error: Server does not allow request for unadvertised object abababab', 'tips-only'],
  ["fatal: Unable to create '/home/code/mirrors/a.git/shallow.lock': File exists.", 'copy-damaged'],
  ['error: packfile ./objects/pack/pack-1.pack does not match index\nfatal: loose object abab is corrupt', 'copy-damaged'],
  ['fatal: something nobody has seen', 'other'],
])('%s means %s', (stderr, failure) => {
  expect(readGitFailure(stderr)).toBe(failure)
})
