import { createEmptyTestResult } from '@jest/test-result';
import jestCircus from 'jest-circus/runner';

let killed;
let context;

// The engine and the node that it loads are outside of Jest's sandboxes, once for all mutants of a process. Stryker's code in the node reads
// here which mutant is active, and counts here what a test reaches.
globalThis.__stryker__ = new Proxy(
	{},
	{
		get: (_, name) => (name === 'activeMutant' ? process.env.__STRYKER_ACTIVE_MUTANT__ : context[name]),
		set: (_, name, value) => Reflect.set(context, name, value),
	},
);

/**
 * Jest's runner, except that it skips all tests of a mutant after the first failed one: Jest's own `bail` ends the process, so
 * Stryker turns it off. Stryker recognizes the runner by the name of this file.
 */
export default async function runFile(globalConfig, config, environment, ...others) {
	context = environment.global.__stryker__;
	const mutant = process.env.__STRYKER_ACTIVE_MUTANT__ ?? 'none';
	if (killed === mutant) return skippedFile();
	const handleTestEvent = environment.handleTestEvent?.bind(environment);
	environment.handleTestEvent = async (event, state) => {
		if (event.name === 'test_fn_failure') killed = mutant;
		if (event.name === 'test_start' && killed === mutant) event.test.mode = 'skip';
		await handleTestEvent?.(event, state);
	};
	return await jestCircus.default(globalConfig, config, environment, ...others);
}

function skippedFile() {
	const testResults = [{ fullName: 'skipped', status: 'pending', failureMessages: [] }];
	return { ...createEmptyTestResult(), numPendingTests: testResults.length, testResults };
}
