import * as fileObjects from '../../repositories/files'
import { probeBucket } from '../../repositories/probes'
import { limits } from '../../src/core/limits'
import type { AlarmJob } from '../durable/alarm-schedule'
import { indexDue } from '../durable/search-index'
import { owesAnybody } from './members/ending'
import { continueBlanking } from './messages/changes'
import { continueIndexing, indexOf } from './messages/indexing'
import type { Passes } from './nudges/passes'
import type { GroupStore } from './store'
import { first } from './tables/blanked-quotes'
import { eraseSlice } from './tables/erasure'
import * as pictures from './tables/pictures'

/** The jobs of a group's alarm. */
export const alarmJobs = (store: GroupStore, passes: Passes, bucket: R2Bucket): AlarmJob[] => [
  ...passes.jobs(),
  {
    name: 'quotes',
    due: () => (store.exists && !store.isEnding && first(store.sql) ? Date.now() : null),
    run: () => void store.write(continueBlanking),
  },
  {
    name: 'search',
    due: () => (store.exists && !store.isEnding ? indexDue(indexOf(store.context())) : null),
    run: () => store.write(continueIndexing),
  },
  {
    name: 'pictures',
    due: () => (store.exists ? pictures.due(store.sql) : null),
    run: () => removePictures(store, bucket),
    probe: () => probeBucket(bucket),
  },
  ...erasure(store),
]

/** What is left to do for a group that has ended. */
function erasure(store: GroupStore): AlarmJob[] {
  let isEmpty = false
  return [
    {
      name: 'erasure',
      due: () => (store.isEnding && !isEmpty ? Date.now() : null),
      run: () => {
        isEmpty = !store.write(({ sql }) => eraseSlice(sql))
      },
    },
    {
      name: 'burial',
      due: () => (store.isEnding && isEmpty && mayBeBuried(store) ? Date.now() : null),
      run: () => store.bury(),
    },
  ]
}

/** Nobody has to be told, and no file is left in R2 that only this group knows of. */
const mayBeBuried = (store: GroupStore) => !owesAnybody(store) && pictures.due(store.sql) === null

/** Removes the files of former pictures, and of those that were never shown. */
async function removePictures({ sql }: GroupStore, bucket: R2Bucket) {
  const fileIds = pictures.removable(sql, Date.now(), limits.groupPicturesRemovedAtOnce)
  if (fileIds.length === 0) return
  await fileObjects.remove(bucket, fileIds)
  pictures.forget(sql, fileIds)
}
