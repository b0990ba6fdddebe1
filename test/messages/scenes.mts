import { expect, test } from '@jest/globals';
import { type Place, type Text, write } from '../../nodes/TencentCloudIot/messages/text';

/**
 * A scene, what makes the text that tells it, and what people read. Readers have the rows, too, unless the scene names another place. The
 * text is made in the test, so that a fault in what makes it fails this test and no other.
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
 * @param texts texts that the table has to tell, all of them: a new one needs a scene
 */
export function testScenes(scenes: readonly Scene[] | Readonly<Record<string, Told>>, texts = {}): void {
	const table = isList(scenes)
		? scenes
		: Object.entries(scenes).map(([scene, told]): Scene => [scene, ...told]);
	test.each(table)('%s', (_scene, make, english, chinese, place = 'everything') => {
		expect(write(make(), place)).toEqual([english, chinese]);
	});

	test('No text is without a scene', () => {
		const told = new Set(table.flatMap(([, make]) => templatesIn(make())));
		expect(templatesIn(texts).filter((template) => !told.has(template))).toEqual([]);
	});
}

function isList(scenes: object): scenes is readonly Scene[] {
	return Array.isArray(scenes);
}

/** The templates of texts, or of functions that make texts, wherever they stand in a value. */
function templatesIn(value: unknown): string[] {
	if (value === null || !['object', 'function'].includes(typeof value)) {
		return [];
	}
	return Object.entries(value as object).flatMap(([name, member]) =>
		name === 'template' ? [(member as readonly string[]).join(' | ')] : templatesIn(member),
	);
}
