export default {
  api: {
    input: '../../../openapi/openapi.json',
    output: {
      target: '../../../dist/clients/orval/api.ts',
      client: 'fetch',
      baseUrl: process.env['API_ORIGIN'],
      // As docs/getting-started.md has it.
      urlEncodeParameters: true,
      override: { operations: { uploadFile: { contentType: { exclude: ['application/octet-stream'] } } } },
    },
  },
}
