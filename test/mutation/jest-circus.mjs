import { createEmptyTestResult } from '@jest/test-result';
import jestCircus from 'jest-circus/runner';

let killed;
let context;

// The engine and the node that it loads are outside of Jest's sandboxes, once for all mutants of a process: what changes the code finds
// there which mutant is active, and where to count what a test reaches.
globalThis.__stryker__ = new Proxy(
	{},
	{
		get: (_, name) => (name === 'activeMutant' ? process.env.__STRYKER_ACTIVE_MUTANT__ : context[name]),
		set: (_, name, value) => Reflect.set(context, name, value),
	},
);

/**
 * Jest's runner, except that the first failed test of a mutant is its last: Jest's own `bail` ends the process, so
 * Stryker turns it off. Stryker knows the runner by this file's name.
 */
export default async function runFile(globalConfig, config, environment, ...others) {
	context = environment.global.__stryker__;
	const mutant = process.env.__STRYKER_ACTIVE_MUTANT__ ?? 'none';
	if (killed === mutant) return leftOut();
	const handleTestEvent = environment.handleTestEvent?.bind(environment);
	environment.handleTestEvent = async (event, state) => {
		if (event.name === 'test_fn_failure') killed = mutant;
		if (event.name === 'test_start' && killed === mutant) event.test.mode = 'skip';
		await handleTestEvent?.(event, state);
	};
	return await jestCircus.default(globalConfig, config, environment, ...others);
}

function leftOut() {
	const testResults = [{ fullName: 'left out', status: 'pending', failureMessages: [] }];
	return { ...createEmptyTestResult(), numPendingTests: testResults.length, testResults };
}
