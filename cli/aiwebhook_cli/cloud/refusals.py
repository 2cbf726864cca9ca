"""How AWS, or boto3 before it is asked, refuses: one sentence each."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.errors import AiWebhookError, ConfigurationError, Forbidden, Unavailable

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN = frozenset(
    {
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_REGION_OFF = frozenset({"OptInRequired", "RegionDisabledException"})
_CLOCK = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
_THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@contextmanager
def aws_errors(action: str) -> Generator[None]:
    """botocore's exceptions as ours, one sentence each, with the action that was refused."""
    from botocore.exceptions import BotoCoreError, ClientError, WaiterError  # noqa: PLC0415 see account.open_account

    try:
        yield
    except ClientError as exc:
        raise aws_refused(action, cast("Mapping[str, Any]", exc.response)["Error"]) from exc
    except WaiterError as exc:
        raise Unavailable(
            f"What {action} began did not succeed: {exc.kwargs.get('reason')}.",
            code="aws_refused",
            remedy="The events of the stack in CloudFormation have the reason.",
        ) from exc
    except EOFError as exc:
        raise ConfigurationError(
            "AWS's profile asks for an MFA code, and there is no terminal to type it in.",
            code="no_credentials",
            remedy="Run this in a terminal, or take a session first: 'aws sts get-session-token'.",
        ) from exc
    except BotoCoreError as exc:
        raise _before_the_call(exc) from exc
    except (ValueError, OSError) as exc:
        # What a credential_process prints, AWS_MAX_ATTEMPTS, AWS_ENDPOINT_URL, a token's file.
        raise ConfigurationError(_settings_fault(exc), code="aws_settings") from exc


def _before_the_call(error: BotoCoreError) -> AiWebhookError:
    """What botocore itself finds: credentials, settings, the network."""
    from botocore import exceptions as known  # noqa: PLC0415 see account.open_account

    detail, code, remedy = _settings_fault(error), "aws_settings", ""
    match error:
        case known.NoCredentialsError():
            detail, code = "There are no AWS credentials here.", "no_credentials"
        case (
            known.CredentialRetrievalError()
            | known.ConfigParseError()
            | known.InvalidConfigError()
            | known.PartialCredentialsError()
        ):
            detail = f"There are no AWS credentials: {str(error).strip()}"
            code = "no_credentials"
        case (
            known.TokenRetrievalError()
            | known.SSOError()
            | known.LoginError()
            | known.RefreshWithMFAUnsupportedError()
        ):
            # Also a token file that is not there: nobody has signed in on this machine.
            detail, code = "The AWS sign-in has expired.", "credentials_expired"
        case known.MissingDependencyException():
            detail = "The AWS profile uses 'aws login', which only AWS's own CLI reads."
            code = "no_credentials"
            remedy = 'Run: eval "$(aws configure export-credentials --format env)"'
        case known.HTTPClientError() if isinstance(error.kwargs.get("error"), ValueError):
            # Its own words would show a credential that no header can hold: a line break in it.
            detail = (
                "An AWS credential holds a character that it cannot have, such as a line break,"
                " or HTTPS_PROXY is not an address."
            )
        case known.HTTPClientError() | known.ConnectionError():
            return _no_answer(error)
        case _:
            pass
    return ConfigurationError(detail, code=code, remedy=remedy)


def _no_answer(error: BotoCoreError) -> Unavailable:
    return Unavailable(
        f"AWS does not answer: {error}",
        code="aws_no_answer",
        remedy="Check the network, HTTPS_PROXY and the Region, then run the command again.",
    )


def _settings_fault(error: Exception) -> str:
    return f"AWS's settings on this machine are invalid: {error}"


def aws_refused(action: str, error: Mapping[str, Any]) -> AiWebhookError:
    """The error for what AWS says, with `Code` and `Message`."""
    code, message = str(error["Code"]), str(error["Message"])
    if code in _EXPIRED | _UNKNOWN:
        expired = code in _EXPIRED
        return ConfigurationError(
            "The AWS credentials have expired."
            if expired
            else "AWS does not know the credentials.",
            code="credentials_expired" if expired else "credentials_unknown",
        )
    if code in _REGION_OFF:
        return ConfigurationError(
            f"The account does not use this Region: {code}.", code="no_region"
        )
    if code in _CLOCK:
        return ConfigurationError(
            "This machine's clock is wrong.",
            code="credentials_unknown",
            remedy="Set it: AWS takes no signature that is 5 minutes off.",
        )
    if code in _THROTTLED:
        return Unavailable(f"AWS throttles {action}: {code}.", code="aws_throttled")
    if code in _DENIED:
        return Forbidden(f"The AWS credentials do not allow {action}.", code="aws_denied")
    return Unavailable(
        f"AWS refused {action}: {code}: {message}",
        code="aws_refused",
        remedy="Read the reason, which is AWS's own, then run the command again.",
    )
