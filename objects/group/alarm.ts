import type { AlarmJob } from '../durable/alarm-schedule'
import { continueBlanking } from './messages/changes'
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
]
