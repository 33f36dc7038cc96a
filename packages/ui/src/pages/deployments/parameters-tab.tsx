import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Save } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { Button } from '../../parts/button.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SchemaForm, validateAgainst } from '../../parts/schema-form/index.ts'
import type { FieldErrors } from '../../parts/schema-form/index.ts'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { schemaOf } from './deployment-schema.ts'
import { errorsOfRefusal } from './server-errors.ts'

/** What every run of it begins with. What is missing here is asked for when it is run, or is left to its code. */
export function ParametersTab({ deployment }: { readonly deployment: queries.Deployment }): ReactElement {
  const cache = useQueryClient()
  const schema = schemaOf(deployment)
  const [value, setValue] = useState<unknown>(deployment.parameters)
  const [refused, setRefused] = useState<FieldErrors>({})
  const isChanged = JSON.stringify(value) !== JSON.stringify(deployment.parameters)
  // Who runs it may give what is required.
  const wrong = Object.entries(validateAgainst(schema, value)).filter(([, message]) => message !== 'This is required.')
  const { mutate, isPending, error } = useMutation({
    meta: { isShown: true },
    mutationFn: (parameters: object) => queries.updateDeployment(deployment.id, { parameters }),
    onSuccess: () => tell({ tone: 'info', text: 'New runs begin with these parameters.' }),
    onError: (failure) => setRefused(errorsOfRefusal(failure) ?? {}),
    onSettled: () => cache.invalidateQueries({ queryKey: ['deployments'] }),
  })
  return (
    <form
      className="flex max-w-3xl flex-col gap-4 pt-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (wrong.length === 0 && typeof value === 'object' && value !== null) mutate(value)
        else setRefused(Object.fromEntries(wrong))
      }}
    >
      <SchemaForm
        label="Default parameters"
        schema={schema}
        value={value}
        errors={refused}
        onChange={(next) => {
          setValue(next)
          setRefused({})
        }}
      />
      {error !== null && errorsOfRefusal(error) === undefined && <Failure error={error} />}
      <div className="flex items-center gap-2 border-t border-line pt-3">
        <Button look="primary" type="submit" icon={Save} isBusy={isPending} disabled={!isChanged}>
          Save
        </Button>
        <Button disabled={!isChanged} onClick={() => setValue(deployment.parameters)}>
          Undo changes
        </Button>
        <span className="text-xs text-ink-3">The next deploy makes them again what its configuration says.</span>
      </div>
    </form>
  )
}
