import { expect, test } from '@jest/globals';
import { type Place, type Text, write } from '../../nodes/TencentCloudIot/messages/text';

/**
 * A scene, a function that creates its text, and what users read. Readers also have the rows, unless the scene names another place. The
 * text is created inside the test, so an error in its creation fails only this test.
 */
export type Scene = readonly [
	scene: string,
	make: () => Text,
	english: string,
	chinese: string,
	place?: Place,
];

/** Like a scene, for a table whose keys name the scenes. */
export type Told = readonly [make: () => Text, english: string, chinese: string, place?: Place];

/**
 * Tests each scene of a table.
 * @param texts the texts that the table must cover: a new text needs a scene
 */
export function testScenes(scenes: readonly Scene[] | Readonly<Record<string, Told>>, texts = {}): void {
	const table = isList(scenes)
		? scenes
		: Object.entries(scenes).map(([scene, columns]): Scene => [scene, ...columns]);
	test.each(table)('%s', (_scene, make, english, chinese, place = 'everything') => {
		expect(write(make(), place)).toEqual([english, chinese]);
	});

	test('Each text has a scene', () => {
		const covered = new Set(table.flatMap(([, make]) => templatesIn(make())));
		expect(templatesIn(texts).filter((template) => !covered.has(template))).toEqual([]);
	});
}

function isList(scenes: object): scenes is readonly Scene[] {
	return Array.isArray(scenes);
}

/** The templates of all texts, and of functions that return texts, anywhere in a value. */
function templatesIn(value: unknown): string[] {
	if (value === null || !['object', 'function'].includes(typeof value)) {
		return [];
	}
	return Object.entries(value as object).flatMap(([name, member]) =>
		name === 'template' ? [(member as readonly string[]).join(' | ')] : templatesIn(member),
	);
}
