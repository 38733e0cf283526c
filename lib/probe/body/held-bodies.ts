/** The bodies that all fetches of a worker hold in memory, together bounded. */
export interface HeldBodies {
  /** @param giveUp ends the fetch that holds the body, because there is no more room for it; called once at most */
  readonly hold: (giveUp: () => void) => HeldBody;
}

export interface HeldBody {
  /** Call it for the bytes that are kept, after decompression. May call `giveUp`, of this body or of others. */
  readonly grow: (bytes: number) => void;
  /** Idempotent */
  readonly free: () => void;
}

interface Holder extends HeldBody {
  readonly bytes: () => number;
  readonly giveUp: () => void;
}

/**
 * If the bodies exceed `bytesMax`, gives up the body that has been read longest of those that hold at least half
 * the average. So thousands of websites that send their bodies slowly take no room from those that send them quickly,
 * and those that send little are left alone.
 */
export function createHeldBodies(bytesMax: number): HeldBodies {
  const holders = new Set<Holder>(); // by the time of their first byte
  let bytesHeld = 0;

  const makeRoom = (): void => {
    for (const holder of holders) {
      if (bytesHeld <= bytesMax) return;
      if (2 * holder.bytes() * holders.size < bytesHeld) continue;
      holder.free();
      holder.giveUp();
    }
  };

  return {
    hold: giveUp => {
      let bytes = 0;
      let isOver = false;
      const holder: Holder = {
        bytes: () => bytes,
        giveUp,
        grow: more => {
          if (isOver) return;
          holders.add(holder);
          bytes += more;
          bytesHeld += more;
          makeRoom();
        },
        free: () => {
          if (!isOver) bytesHeld -= bytes;
          isOver = true;
          holders.delete(holder);
        },
      };
      return holder;
    },
  };
}
