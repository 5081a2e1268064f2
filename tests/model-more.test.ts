import { modelTest } from './support/model/test'

modelTest(1)
