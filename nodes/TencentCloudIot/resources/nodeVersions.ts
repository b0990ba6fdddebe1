/** The versions of the node that workflows store: 1 is as it was, so that what a stored node does never changes. */
export const NODE_VERSIONS = [1, 1.1];

/** Shows a field in nodes that are added since version 1.1. */
export const SINCE_1_1 = { '@version': [{ _cnd: { gte: 1.1 } }] };
