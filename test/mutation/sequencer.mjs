const longestMs = new Map();

/** Runs the fastest files first: most mutants need no other. */
export default class Sequencer {
	sort(tests) {
		return tests.toSorted((a, b) => durationOf(a.path) - durationOf(b.path) || (a.path < b.path ? -1 : 1));
	}

	cacheResults(_tests, { testResults }) {
		for (const { testFilePath, perfStats } of testResults) {
			longestMs.set(testFilePath, Math.max(durationOf(testFilePath), perfStats.runtime));
		}
	}
}

function durationOf(path) {
	return longestMs.get(path) ?? 0;
}
