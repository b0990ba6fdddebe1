import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { lineUnderTest } from '../tests/scene.mts';
import type { Editor } from './editor.mts';

export type Step = (title: string, run: () => Promise<void>) => void;

/**
 * Tests that go on where the one before them ended, as a user would; after a failure there is nothing to go on from. A
 * picture of what the editor showed then is left in `E2E_FAILURES`.
 */
export function walkIn(editor: () => Editor): Step {
	let isBroken = false;
	return (title, run) => {
		test(title, async (context) => {
			if (isBroken) {
				context.skip('a step before it failed');
				return;
			}
			isBroken = true;
			await run().catch(async (cause: unknown) => {
				const file = basename(process.argv[1] ?? '', '.e2e.mts');
				const path = join(process.env.E2E_FAILURES ?? tmpdir(), `e2e-${lineUnderTest()}-${file}-failed.png`);
				// A page that hangs has no picture; why the step failed counts more.
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
