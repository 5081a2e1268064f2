import type { AlarmJob } from '../durable/alarm-schedule'
import { indexDue } from '../durable/search-index'
import { continueBlanking } from './messages/changes'
import { continueIndexing, indexOf } from './messages/indexing'
import type { Passes } from './nudges/passes'
import type { GroupStore } from './store'
import { first } from './tables/blanked-quotes'

/** The jobs of a group's alarm. */
export const alarmJobs = (store: GroupStore, passes: Passes): AlarmJob[] => [
  ...passes.jobs(),
  {
    name: 'quotes',
    due: () => (store.exists && first(store.sql) ? Date.now() : null),
    run: () => void store.write(continueBlanking),
  },
  {
    name: 'search',
    due: () => (store.exists ? indexDue(indexOf(store.context())) : null),
    run: () => store.write(continueIndexing),
  },
]
