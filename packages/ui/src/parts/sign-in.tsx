import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { signIn } from '../connection.ts'
import type { Refusal } from '../connection.ts'
import { Button } from './button.tsx'
import { Field, Input } from './field.tsx'

/** Who tried before: only the password has to be typed again. */
let lastUser = ''

/** The server asks who one is. */
export function SignIn({ why }: { readonly why: Refusal }): ReactElement {
  const queries = useQueryClient()
  const [user, setUser] = useState(lastUser)
  const [password, setPassword] = useState('')
  const [isChanged, setChanged] = useState(false)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    lastUser = user
    signIn(`${user}:${password}`)
    void queries.resetQueries()
  }
  return (
    <main className="grid h-dvh place-items-center p-4">
      <form onSubmit={submit} className="flex w-full max-w-sm flex-col gap-3 rounded-lg border border-line bg-surface p-6 shadow-raised">
        <img src="./favicon.svg" alt="" className="size-9" />
        <h1 className="text-xl font-semibold">Sign in to Tutti</h1>
        <p className="text-sm text-ink-2">
          The two parts of the auth string the server was started with (<code className="font-mono text-xs">TUTTI_API_AUTH_STRING</code>).
        </p>
        <Field label="User">
          {(ids) => <Input {...ids} autoComplete="username" value={user} onChange={(event) => setUser(event.target.value)} />}
        </Field>
        <Field label="Password" error={why === 'wrong' && !isChanged ? 'The server did not take this user and password.' : undefined}>
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => {
                setChanged(true)
                setPassword(event.target.value)
              }}
            />
          )}
        </Field>
        <Button look="primary" type="submit">
          Sign in
        </Button>
      </form>
    </main>
  )
}
