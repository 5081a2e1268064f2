import { modelTest } from './model-test'

modelTest(1)
