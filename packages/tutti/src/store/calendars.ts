import type { Calendar, Holiday } from '../core/calendar.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'
import type { CalendarRow } from './tables.ts'

export interface CalendarTable {
  get(name: string): Script<Calendar | undefined>
  list(page: { readonly limit: number; readonly offset: number }): Script<readonly Calendar[]>
  /** A new one, or one in the place of another of its name. */
  put(calendar: Calendar): Script<void>
  delete(name: string): Script<void>
}

export function calendarTable(): CalendarTable {
  return {
    *get(name) {
      return (yield* select(sqlBuilder.selectFrom('calendars').selectAll().where('name', '=', name))).map(toCalendar)[0]
    },

    *list({ limit, offset }) {
      return (yield* select(sqlBuilder.selectFrom('calendars').selectAll().orderBy('name').limit(limit).offset(offset))).map(toCalendar)
    },

    *put(calendar) {
      const { name, ...columns } = rowOf(calendar)
      yield* change(
        sqlBuilder
          .insertInto('calendars')
          .values({ name, ...columns })
          .onConflict((conflict) => conflict.column('name').doUpdateSet(columns)),
      )
    },

    *delete(name) {
      yield* change(sqlBuilder.deleteFrom('calendars').where('name', '=', name))
    },
  }
}

function toCalendar(row: CalendarRow): Calendar {
  return {
    name: row.name,
    description: row.description,
    // JSON columns are written by this file only.
    weekend: JSON.parse(row.weekend) as readonly number[],
    holidays: JSON.parse(row.holidays) as readonly Holiday[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function rowOf({ name, description, weekend, holidays, createdAt, updatedAt }: Calendar): CalendarRow {
  return {
    name,
    description,
    weekend: JSON.stringify(weekend),
    holidays: JSON.stringify(holidays),
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
