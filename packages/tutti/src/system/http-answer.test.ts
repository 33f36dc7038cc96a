import { describe, expect, test } from 'vitest'
import { AnswerReader } from './http-answer.ts'
import type { HttpAnswer } from './http-answer.ts'

const answers = [
  { what: 'a length', text: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello', status: 200, body: 'hello' },
  { what: 'no body', text: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, body: '' },
  { what: 'an empty body', text: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', status: 200, body: '' },
  {
    what: 'chunks',
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;name=value\r\nlo\r\n0\r\n\r\n',
    status: 200,
    body: 'hello',
  },
  {
    what: 'chunks and trailers',
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-After: 1\r\n\r\n',
    status: 200,
    body: 'hello',
  },
  {
    what: 'an answer before it',
    text: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    status: 200,
    body: 'hello',
  },
  { what: 'no reason', text: 'HTTP/1.1 503\r\nContent-Length: 5\r\n\r\nhello', status: 503, body: 'hello' },
]

function readIn(pieces: readonly Buffer[]): HttpAnswer | undefined {
  const reader = new AnswerReader()
  let answer: HttpAnswer | undefined
  for (const piece of pieces) answer = reader.read(piece)
  return answer
}

describe.each(answers)('an answer with $what', ({ text, status, body }) => {
  const bytes = Buffer.from(text)
  const whole = readIn([bytes])

  test('is read', () => {
    expect({ ...whole, body: whole?.body.toString() }).toMatchObject({ status, body, reusable: true })
  })

  test('is the same wherever it is torn', () => {
    const torn = Array.from(bytes.keys(), (at) => readIn([bytes.subarray(0, at), bytes.subarray(at)]))
    const single = readIn(Array.from(bytes.keys(), (at) => bytes.subarray(at, at + 1)))

    for (const answer of [...torn, single]) expect(answer).toEqual(whole)
  })

  test('is none before its last byte', () => {
    const answered = Array.from(bytes.keys(), (at) => readIn([bytes.subarray(0, at)]))

    expect(answered).toEqual(answered.map(() => undefined))
  })

  test('is an error when the connection ends before its last byte', () => {
    const reader = new AnswerReader()
    reader.read(bytes.subarray(0, bytes.length - 1))

    expect(() => reader.end()).toThrow('the connection ended before the answer did')
  })
})

test('headers are found by their names in lower case', () => {
  const answer = readIn([Buffer.from('HTTP/1.1 200 OK\r\nRetry-After: 7 \r\nContent-Length: 0\r\n\r\n')])

  expect(answer?.headers.get('retry-after')).toBe('7')
})

test('an answer without a length ends with its connection, which carries no other', () => {
  const reader = new AnswerReader()
  reader.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhel'))
  reader.read(Buffer.from('lo'))

  expect(reader.end()).toMatchObject({ status: 200, body: Buffer.from('hello'), reusable: false })
})

test.each([
  ['that asks for its connection to be closed', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
  ['of the older protocol', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['with bytes behind it', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore'],
])('an answer %s leaves no connection for the next one', (_what, text) => {
  expect(readIn([Buffer.from(text)])).toMatchObject({ status: 200, reusable: false })
})

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 'does not speak HTTP/1.1'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'is no number'],
  ['a chunk without a length', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n', 'has no length'],
  ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}`, 'too long'],
  ['an endless line between chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1'.repeat(70_000)}`, 'too long'],
])('%s is an error', (_what, text, message) => {
  expect(() => readIn([Buffer.from(text)])).toThrow(message)
})
