import { failureOf, isAttempted } from '../../nodes/TencentCloudIot/service/fate.ts';
import { explain } from '../../nodes/TencentCloudIot/service/outcome.ts';
import type { RunEnd } from '../../nodes/TencentCloudIot/sync/health.ts';
import { healthAndNewsOf } from '../../nodes/TencentCloudIot/sync/healthAndNews.ts';

/**
 * Prints a line of JSON for the log to stdout. What people need to know goes to stderr, which cron mails: each problem once, and again once
 * a day while it lasts. The exit code of a failing run is 1.
 */
export function printEnd(end: RunEnd): void {
	const { calls, withheld } = end;
	const { health, whyRunFailed, hasNews } = healthAndNewsOf(end);
	const failed = calls.filter(({ fate }) => isAttempted(fate) && failureOf(fate) !== undefined);
	const line = {
		at: new Date().toISOString(),
		health,
		code: whyRunFailed?.code,
		pushed: calls.filter(({ fate }) => isAttempted(fate)).length - failed.length,
		unchanged: calls.filter(({ fate }) => fate.kind === 'unchanged').length,
		failed: failed.length,
		withheld: withheld.length,
	};
	console.log(JSON.stringify(line));
	if (hasNews) {
		const causes = failed.flatMap(({ call, fate }) => {
			const failure = failureOf(fate);
			return failure === undefined ? [] : `${call.customer?.id}: ${explain(failure)}`;
		});
		const texts = whyRunFailed === undefined ? causes.slice(0, 10) : [explain(whyRunFailed)];
		console.error([`Sync is ${health}: ${JSON.stringify(line)}`, ...texts].join('\n'));
	}
	process.exitCode = health === 'failing' ? 1 : 0;
}
