// The worker under test, with the durable objects that only tests have.
export * from '../../src/index'
export { default } from '../../src/index'
export { Notebook } from '../durable/notebook'
