import { expect, test } from '@jest/globals';
import { animatedWebp, chunksOf } from './animatedWebp.mts';

const uint32 = (value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
};
/** A still picture, of which only the chunks matter. */
const still = (pixels: string) => {
	const data = Buffer.from(pixels);
	const fill = Buffer.alloc(data.length % 2);
	const chunk = Buffer.concat([Buffer.from('VP8 '), uint32(data.length), data, fill]);
	return Buffer.concat([Buffer.from('RIFF'), uint32(4 + chunk.length), Buffer.from('WEBP'), chunk]);
};

test('An animation has one frame for each picture, with its pixels, size and time.', () => {
	const film = animatedWebp(
		[
			{ webp: still('odd'), seconds: 1 },
			{ webp: still('even'), seconds: 2.5 },
		],
		{ width: 300, height: 200 },
	);
	expect(film.toString('latin1', 0, 4) + film.toString('latin1', 8, 12)).toBe('RIFFWEBP');
	expect(film.readUInt32LE(4)).toBe(film.length - 8);
	const chunks = chunksOf(film);
	expect(chunks.map(({ type }) => type)).toEqual(['VP8X', 'ANIM', 'ANMF', 'ANMF']);
	expect(chunks[0]!.data.readUIntLE(4, 3) + 1).toBe(300);
	expect(chunks[0]!.data.readUIntLE(7, 3) + 1).toBe(200);
	const frames = chunks.slice(2).map(({ data }) => ({
		ms: data.readUIntLE(12, 3),
		// The picture's own chunk follows the head of its frame.
		pixels: data.toString('latin1', 16 + 8, 16 + 8 + data.readUInt32LE(16 + 4)),
	}));
	expect(frames).toEqual([
		{ ms: 1_000, pixels: 'odd' },
		{ ms: 2_500, pixels: 'even' },
	]);
});

test('Frames without a picture or without pixels are refused.', () => {
	expect(() => animatedWebp([], { width: 1, height: 1 })).toThrow('needs pictures');
	expect(() =>
		animatedWebp([{ webp: Buffer.from('RIFF0000WEBP'), seconds: 1 }], { width: 1, height: 1 }),
	).toThrow('Picture 1 has no pixels');
});
