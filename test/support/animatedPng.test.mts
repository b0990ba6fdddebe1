import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { animatedPng, chunksOf } from './animatedPng.mts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
}

/** A grey picture, whose data are in two chunks. */
function png(width: number, height: number, grey: number): Buffer {
	const rows = Buffer.concat(
		Array.from({ length: height }, () => Buffer.concat([Buffer.alloc(1), Buffer.alloc(width, grey)])),
	);
	const data = deflateSync(rows);
	const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 0, 0, 0, 0])]);
	const parts: Array<[string, Buffer]> = [
		['IHDR', header],
		['tEXt', Buffer.from('not of the animation')],
		['IDAT', data.subarray(0, 3)],
		['IDAT', data.subarray(3)],
		['IEND', Buffer.alloc(0)],
	];
	const chunks = parts.map(([type, bytes]) => {
		const body = Buffer.concat([Buffer.from(type), bytes]);
		return Buffer.concat([uint32(bytes.length), body, uint32(crc32(body))]);
	});
	return Buffer.concat([SIGNATURE, ...chunks]);
}

test('An animation has each picture in its place, with its time, numbered through', () => {
	const frames = [10, 20, 30].map((grey, index) => ({ png: png(5, 4, grey), seconds: index + 0.5 }));
	const animation = animatedPng(frames);
	const chunks = chunksOf(animation);
	expect(chunks.map(({ type }) => type).join(' ')).toBe(
		'IHDR acTL fcTL IDAT IDAT fcTL fdAT fdAT fcTL fdAT fdAT IEND',
	);
	const numbered = chunks.filter(({ type }) => ['fcTL', 'fdAT'].includes(type));
	expect(numbered.map(({ data }) => data.readUInt32BE(0))).toEqual([0, 1, 2, 3, 4, 5, 6]);
	const controls = chunks.filter(({ type }) => type === 'fcTL').map(({ data }) => data);
	expect(controls.map((data) => [data.length, data.readUInt32BE(4), data.readUInt32BE(8)])).toEqual(
		new Array(3).fill([26, 5, 4]),
	);
	expect(controls.map((data) => data.readUInt16BE(20) / data.readUInt16BE(22))).toEqual([0.5, 1.5, 2.5]);
	const last = chunks.slice(-3, -1).map(({ data }) => data.subarray(4));
	expect(inflateSync(Buffer.concat(last))).toEqual(
		Buffer.concat(Array.from({ length: 4 }, () => Buffer.from([0, 30, 30, 30, 30, 30]))),
	);
	// The checksum of the last chunk, which has no data.
	expect(animation.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
});

test('Pictures of different sizes make no animation', () => {
	const frames = [png(5, 4, 1), png(4, 4, 1)].map((one) => ({ png: one, seconds: 1 }));
	expect(() => animatedPng(frames)).toThrow('Picture 2 has another size');
});
