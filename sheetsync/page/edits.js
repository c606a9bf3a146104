// Edits one after the other, each with what takes it back.

import { say } from "./config.js";
import { edit } from "./server.js";
import { calm, state } from "./tell.js";

export class Edits {
  /** `done(revision)` is called after each edit, `failed(error)` where the server refuses one. */
  constructor(done, failed) {
    Object.assign(this, { done, failed });
    this.queue = Promise.resolve();
    this.waiting = 0; // edits that the server has not answered
    this.undone = [];
    this.redone = [];
  }

  /** Carry out an edit of a tab; `place` is the area to go to where it is taken back. */
  run(sheet, wanted, place) {
    return this.enqueue(sheet, wanted, (undo) => {
      if (undo.length) this.undone.push({ sheet, undo, place });
      this.redone = [];
    });
  }

  /** Type a text into one cell, which shows it at once. */
  type(sheet, row, column, text) {
    sheet.expect(row, column, text);
    const place = { top: row, left: column, bottom: row + 1, right: column + 1 };
    return this.run(sheet, { kind: "type", top: row, left: column, rows: [[text]] }, place).then((revision) => {
      sheet.expected(row, column, revision);
      return revision;
    });
  }

  undo() {
    return this.back(this.undone, this.redone);
  }

  redo() {
    return this.back(this.redone, this.undone);
  }

  async back(from, to) {
    await this.queue;
    const last = from.pop();
    if (!last) return null;
    const { sheet, place } = last;
    const done = await this.enqueue(sheet, { kind: "undo", requests: last.undo }, (undo) => to.push({ sheet, undo, place }));
    return done ? last : null;
  }

  enqueue(sheet, wanted, kept) {
    this.waiting++;
    const turn = this.queue.then(() => this.send(sheet, wanted, kept)).finally(() => this.waiting--);
    this.queue = turn;
    return turn;
  }

  /** The revision after the edit; 0 where it was refused. */
  async send(sheet, wanted, kept) {
    state(say("saving"));
    try {
      const { revision, undo } = await edit({ gid: sheet.id, ...wanted }, this.failed);
      kept(undo);
      calm();
      state(say("saved"));
      this.done(revision);
      return revision;
    } catch (error) {
      state("");
      this.failed(error);
      return 0;
    }
  }
}
