/** Signs the tokens of the bare worker. */
export const bareSecret = 'a secret of the bare worker, for measuring alone'
