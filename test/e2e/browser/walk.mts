import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { lineUnderTest } from '../tests/scene.mts';
import type { Editor } from './editor.mts';

export type Step = (title: string, run: () => Promise<void>) => void;

/**
 * Tests that each continue where the previous one ended, as a user would. After a failure the rest is skipped, and a screenshot of
 * the editor is saved in `E2E_FAILURES`.
 */
export function walkIn(editor: () => Editor): Step {
	let isBroken = false;
	return (title, run) => {
		test(title, async (context) => {
			if (isBroken) {
				context.skip('an earlier step failed');
				return;
			}
			isBroken = true;
			await run().catch(async (cause: unknown) => {
				const file = basename(process.argv[1] ?? '', '.e2e.mts');
				const path = join(process.env.E2E_FAILURES ?? tmpdir(), `e2e-${lineUnderTest()}-${file}-failed.png`);
				// A page that hangs cannot be captured; the step's own failure matters more.
				await editor()
					.page.screenshot({ path, timeout: 10_000 })
					.then(() => context.diagnostic(`What the editor showed: ${path}`))
					.catch(() => undefined);
				throw cause;
			});
			isBroken = false;
		});
	};
}
