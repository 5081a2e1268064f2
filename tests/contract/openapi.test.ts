import { expect, test } from 'vitest'
import { documentText } from '../../openapi/document'

test('the document that the routes make matches the committed one, which is served', async () => {
  await expect(documentText()).toMatchFileSnapshot('../../openapi/openapi.json')
})
