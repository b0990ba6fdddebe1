import module from 'node:module';

const above = Object.getPrototypeOf(module) as Partial<typeof module>;

/** Requires modules outside Jest's sandbox, where the engine and the built node live; see test/engine/runWorkflow. */
export const requireOutsideJest = (above.createRequire ?? module.createRequire)(import.meta.url);
