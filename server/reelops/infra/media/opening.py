"""Opens files that strangers made: local, real media, small enough, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from reelops.errors import Invalid, NotFound, ReelOpsError
from reelops.infra.media.model import MediaLimits
from reelops.infra.media.sampling import usable_fps
from reelops.infra.media.tables import check_tables

# Demuxers that read media from the one file they are given. Playlists and manifests (hls, dash, concat, sdp, imf) name
# other files or hosts; image sequences expand patterns; tty turns any text into a video. None of them is here.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,flv,live_flv,kux,asf,ogg,ivf,obu,av1,h261,h263,"
    "h264,hevc,vvc,evc,vc1,vc1test,cavsvideo,avs2,avs3,dirac,dnxhd,dv,gxf,mxf,nut,nuv,rm,swf,wtv,yuv4mpegpipe,mjpeg,"
    "mjpeg_2000,gif,apng,amv,bink,smk,flic,roq,4xm,thp,mtv,nsv,pva,ty,rl2,vmd,wc3movie,idcin,ea,film_cpk,"
    # Sound alone: named so that the person reads "no video in it" and not "no media file".
    "mp3,wav,flac,aac,aiff,ac3,eac3,w64,caf,amr,au"
)


@contextmanager
def open_video(path: Path | str, *, limits: MediaLimits) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Opens the file and its main video stream, and closes it.

    Raises `NotFound` when there is no file, and `Invalid` with VIDEO_EMPTY, VIDEO_UNREADABLE, VIDEO_NO_STREAM,
    VIDEO_TOO_LARGE or VIDEO_TOO_LONG.
    """
    path = Path(path)
    container = _open(path, limits, max_pixels=limits.max_pixels)
    try:
        stream = _main_stream(container)
        _check_size(path, stream, limits)
        check_duration(declared_duration(container, stream), limits)
        yield container, stream
    except av.FFmpegError as error:
        raise unreadable(error) from error
    finally:
        container.close()


def _open(path: Path, limits: MediaLimits, *, max_pixels: int) -> InputContainer:
    if not path.is_file():
        raise NotFound("VIDEO_FILE_MISSING", "The video's file is not in the store.")
    if path.stat().st_size == 0:
        raise Invalid("VIDEO_EMPTY", "The file is empty.")
    check_tables(path, limits)
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": _FORMATS,
        # Also holds while the header is analysed, where frames are decoded before anybody could look at their size.
        "max_pixels": str(max_pixels),
    }
    timeout = (limits.open_timeout_sec, limits.open_timeout_sec)
    try:
        # The prefix keeps a name such as "concat:a|b" from being taken as a protocol.
        return av.open(f"file:{path}", options=options, timeout=timeout, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise unreadable(error) from error


def _main_stream(container: InputContainer) -> VideoStream:
    """Finds the largest moving picture; the cover art of a song is no video."""
    moving = [s for s in container.streams.video if not s.disposition & _STILL and s.codec_context is not None]
    if not moving:
        raise Invalid("VIDEO_NO_STREAM", "The file has no video in it, only sound or pictures.")
    default = [s for s in moving if s.disposition & Disposition.default] or moving
    return max(default, key=lambda s: (s.codec_context.width or 0) * (s.codec_context.height or 0))


_SECOND_LOOK = 4
_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


def _check_size(path: Path, stream: VideoStream, limits: MediaLimits) -> None:
    size = stream.codec_context.width, stream.codec_context.height
    if not all(size):
        # The analysis gave up, as it does past its limit; a second look with more room finds out what to say.
        with _open(path, limits, max_pixels=_SECOND_LOOK * limits.max_pixels) as container:
            again = _main_stream(container).codec_context
            size = again.width, again.height
    if not all(size):
        sentence = "The size of the picture cannot be read, or it is far larger than any that is accepted."
        raise Invalid("VIDEO_UNREADABLE", sentence)
    check_pixels(*size, limits)


def check_pixels(width: int, height: int, limits: MediaLimits) -> None:
    """Raises `Invalid` VIDEO_TOO_LARGE when one frame holds more pixels than allowed."""
    if width * height <= limits.max_pixels:
        return
    raise Invalid(
        "VIDEO_TOO_LARGE",
        f"The picture is {width}×{height} pixels; at most {limits.max_pixels / 1e6:.1f} million are accepted.",
    )


def check_duration(seconds: float | None, limits: MediaLimits) -> None:
    """Raises `Invalid` VIDEO_TOO_LONG when the video lasts longer than allowed."""
    if seconds is None or seconds <= limits.max_duration_sec:
        return
    raise Invalid(
        "VIDEO_TOO_LONG",
        f"The video lasts {seconds / 60:.0f} minutes; at most {limits.max_duration_sec / 60:.0f} are accepted.",
    )


def declared_duration(container: InputContainer, stream: VideoStream) -> float | None:
    """Reads the duration in seconds that the header claims for the video, None when it does not say."""
    if stream.duration is not None and stream.time_base is not None and stream.duration > 0:
        return float(stream.duration * stream.time_base)
    if container.duration is not None and container.duration > 0:
        return container.duration / 1_000_000
    return None


def container_fps(stream: VideoStream) -> float:
    """Reads the frame rate that the container gives, 30 where it gives none that can be used."""
    rates: tuple[Fraction | None, ...] = (stream.average_rate, stream.guessed_rate)
    return usable_fps(next((float(rate) for rate in rates if rate), 0.0))


def unreadable(error: Exception) -> ReelOpsError:
    """Turns an error of the decoder into one sentence."""
    reason = str(getattr(error, "strerror", None) or "unknown kind of file")
    return Invalid(
        "VIDEO_UNREADABLE", "The file could not be read as a video; it is damaged or of another kind.", reason=reason
    )
